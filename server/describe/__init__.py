"""What is written out of the declarations: TypeScript for the app, a page for people. `scripts/generate` calls it."""
