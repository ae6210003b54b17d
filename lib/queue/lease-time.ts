/** How long a lane is lent to a worker, and after how long without a beat a worker is lost. */
export const leaseMs = 8000;
