"""What tests share: stand-ins, servers, small networks, and scripts that make stored files."""
