/** What this thread's work takes of the processor: on a busy machine it waits, and that says nothing about the code. */
export function processorTime_ms(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
