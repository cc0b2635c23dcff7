import { useState } from "react";
import type { Conversation } from "~/api/types";
import { useShortcuts } from "~/ui/keys";
import { LabelDialog } from "./customer/labels";
import { MacroDialog } from "./macros/macro-dialog";

/** The windows that work on the open conversation, each with its key. */
export function Tools({ conversation }: { conversation: Conversation }) {
  const [open, setOpen] = useState<"labels" | "macros" | null>(null);
  const close = () => setOpen(null);
  useShortcuts({ labels: () => setOpen("labels"), macros: () => setOpen("macros") });
  return (
    <>
      <LabelDialog conversation={conversation} opened={open === "labels"} onClose={close} />
      <MacroDialog conversation={conversation} opened={open === "macros"} onClose={close} />
    </>
  );
}
