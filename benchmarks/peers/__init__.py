"""The workloads as users of the other tools would write them best: one file for each tool, a function per workload."""
