"""Old mail tagged anew."""
