"""What we do when something happens: one module a happening, over ports; decisions come from bot.domain."""
