"""What CloudWatch Evidently's features and experiments become here: drafts of experiments."""
