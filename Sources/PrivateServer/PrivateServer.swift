// PrivateServer: see ARCHITECTURE.md.
