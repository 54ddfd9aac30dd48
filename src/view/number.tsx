/** A number to keep, in two groups of four, isolated so that Arabic text around it leaves its order alone. */
export function KeepNumber({ number }: { readonly number: string }) {
  const digits = number.replace(/\s/g, '');
  return <bdi>{digits.length === 8 ? `${digits.slice(0, 4)}\u00a0${digits.slice(4)}` : number}</bdi>;
}
