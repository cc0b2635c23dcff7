import type { Attachment, Message, StoredFile } from "~/api/types";

/** Where an attachment can be read: the platform's address, or our own copy. Only web addresses pass. */
export function addressOf(attachment: Attachment): string | undefined {
  if (attachment.file_id) return `/api/files/${attachment.file_id}`;
  return safeAddress(attachment.url);
}

/** An address that is safe to put into a link: customers send what they like. */
export function safeAddress(url: string | null | undefined): string | undefined {
  if (!url) return undefined;
  if (url.startsWith("/api/")) return url;
  try {
    const { protocol } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? url : undefined;
  } catch {
    return undefined;
  }
}

export const isPicture = (kind: string) => kind === "image" || kind === "gif";

export const isPictureFile = (file: StoredFile) => file.media_type.startsWith("image/");

/** Every picture of the loaded thread, oldest first, for the viewer. */
export function picturesOf(messages: readonly Message[]): { key: string; url: string }[] {
  return [...messages]
    .sort((a, b) => a.sent_at - b.sent_at)
    .flatMap((message) =>
      message.attachments.flatMap((attachment, at) => {
        const url = isPicture(attachment.kind) ? addressOf(attachment) : undefined;
        return url ? [{ key: `${message.id}/${at}`, url }] : [];
      }),
    );
}
