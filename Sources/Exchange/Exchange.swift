// Exchange: see ARCHITECTURE.md.
