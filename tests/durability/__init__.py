"""Tests of files and state under interrupts, killed processes, full disks and many threads."""
