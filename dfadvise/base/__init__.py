"""What a stage stands on: images, systems, runtimes, users."""
