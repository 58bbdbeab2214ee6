import type { AccountId } from "../base/mail-ids.ts";
import type { Store } from "../store/store.ts";

/** Whether an account can take so much more; what it holds is only looked at where there is a limit. */
export async function hasRoom(
  { directory }: Pick<Store, "directory">,
  id: AccountId,
  size_octets: number,
): Promise<boolean> {
  const quota_octets = (await directory.recipient(id))?.quota_octets ?? 0;
  if (quota_octets === 0) return true;
  const account = await directory.account(id);
  return account === undefined || account.used_octets + size_octets <= quota_octets;
}
