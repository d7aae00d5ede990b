"""Slack, in and out: listeners that store what people say, and a chat that posts. Refuses to decide anything."""
