"""The programme's rules. Pure: no clock, network, SQL, templates or vendors in here."""
