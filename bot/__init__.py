"""offportal: partners answer by email and Slack; the CRM is right before anybody opens it."""
