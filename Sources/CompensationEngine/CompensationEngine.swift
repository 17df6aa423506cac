// CompensationEngine: see ARCHITECTURE.md.
