// Banyan: see ARCHITECTURE.md.
