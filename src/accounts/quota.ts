import { whenHere, type Soon } from "../base/soon.ts";
import type { AccountId } from "../base/mail-ids.ts";
import type { Store } from "../store/store.ts";

/** Whether an account can take so much more; what it holds is only looked at where there is a limit. */
export function hasRoom(
  { directory }: Pick<Store, "directory">,
  id: AccountId,
  size_octets: number,
): Soon<boolean> {
  return whenHere(directory.recipient(id), (row) =>
    row === undefined || row.quota_octets === 0
      ? true
      : holdsLess(directory, id, row.quota_octets - size_octets),
  );
}

async function holdsLess(
  directory: Store["directory"],
  id: AccountId,
  free_octets: number,
): Promise<boolean> {
  const account = await directory.account(id);
  return account === undefined || account.used_octets <= free_octets;
}
