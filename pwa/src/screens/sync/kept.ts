/** What a person is told of answered changes that no verified backup of the shop has yet (R9, R16). Pure. */

const many = (count: number) => (count === 1 ? "1 change is" : `${count.toLocaleString("en")} changes are`);

/** "12 changes are at the shop and not yet in a backup", or nothing. */
export function keptWords(count: number): string {
  return count === 0 ? "" : `${many(count)} at the shop and not yet in a backup`;
}

/** What the phone does about it, and what would undo that. */
export function keptHelp(count: number): string {
  const [they, them, are] = count === 1 ? ["it", "it", "is"] : ["they", "them", "are"];
  return (
    `This phone keeps ${them} until ${they} ${are}, 30 days at most, and gives ${them} back if the shop has to restore ` +
    "a backup. Signing out or clearing the browser ends that."
  );
}
