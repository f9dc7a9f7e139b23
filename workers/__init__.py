"""The worker process: wakes, runs and retries jobs, feeds reactions, keeps schedules."""
