"""The edge: each module here touches one part of the world through one outside library."""
