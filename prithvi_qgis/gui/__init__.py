"""The desktop: options page, layer menu, set-up dialog and form widgets. Nothing outside imports it but the plugin."""
