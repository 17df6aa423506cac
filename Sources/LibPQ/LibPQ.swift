// LibPQ: see ARCHITECTURE.md.
