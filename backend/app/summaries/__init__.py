"""What a story and its discussion say, made once for everybody."""
