"""What the library asks of its machine: files, locks, downloads, threads, progress, errors."""
