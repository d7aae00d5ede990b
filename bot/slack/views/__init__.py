"""What people fill in, as Slack's JSON: pure functions. They open nothing and decide nothing."""
