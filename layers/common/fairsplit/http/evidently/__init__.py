"""CloudWatch Evidently's API, for code that calls it by an AWS SDK."""
