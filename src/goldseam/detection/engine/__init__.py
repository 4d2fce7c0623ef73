"""What every criterion runs on: codes and findings, reference levels and norms in points, episodes, result tables."""
