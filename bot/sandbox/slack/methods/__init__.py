"""The Web API's methods, one module a family. Each refuses in Slack's words (docs.slack.dev/reference/methods)."""
