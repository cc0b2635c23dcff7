import { Avatar } from "@mantine/core";
import classes from "./person.module.css";

/** Vietnamese names end with the given name, by which people are known: "Nguyễn Thị Hồng Đào" is "HĐ". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return words
    .slice(-2)
    .map((word) => [...word][0]?.toLocaleUpperCase("vi") ?? "")
    .join("");
}

/** One of six quiet grounds, always the same for the same name. */
export function tone(name: string): number {
  let sum = 0;
  for (const c of name) sum = (sum * 31 + (c.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}

/** Picture of a person, or their initials. Decorative: the name stands beside it. */
export function Person({ name, src, size = 40 }: { name: string; src?: string | null; size?: number }) {
  return (
    <Avatar
      src={src ?? null}
      alt=""
      size={size}
      radius="50%"
      className={classes.person}
      data-tone={tone(name)}
      aria-hidden="true"
    >
      {initials(name)}
    </Avatar>
  );
}
