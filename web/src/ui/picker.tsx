import { Modal, TextInput } from "@mantine/core";
import { IconCheck, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { findAll } from "~/ui/fuzzy";
import { useFocusAtOnce } from "./focus";
import { isComposing } from "./keys";
import { Lazy } from "./lazy";
import classes from "./picker.module.css";

/** What stands below what was found, for what was typed: for example "make one of this name". */
export interface Extra {
  label: string;
  run(): void;
}

interface Props<T> {
  label: string;
  placeholder: string;
  /** Said when nothing is found. */
  nothing: string;
  items: readonly T[];
  keyOf(item: T): string;
  /** What is searched; the first counts most. */
  texts(item: T): readonly string[];
  render(item: T): ReactNode;
  /** For lists of which several may be chosen: is this one? */
  checked?(item: T): boolean;
  onPick(item: T): void;
  extra?(typed: string): Extra | null;
  /** Beside the list, about the item under the cursor. */
  aside?(item: T): ReactNode;
}

/** A window in which one types a few letters and takes what is found: arrows walk, Enter takes, Esc leaves. */
export function Picker<T>(props: Props<T> & { opened: boolean; onClose(): void }) {
  return (
    // In parts, because the window shows no title and only its content can be named.
    <Lazy opened={props.opened}>
      {(opened) => (
        <Modal.Root
          opened={opened}
          onClose={props.onClose}
          size={props.aside ? "46rem" : "md"}
          yOffset="12vh"
          centered={false}
          radius="lg"
          styles={{ content: { background: "var(--loa-surface)" } }}
        >
          <Modal.Overlay />
          <Modal.Content aria-label={props.label}>
            <Modal.Body p={0}>{opened && <Finder {...props} />}</Modal.Body>
          </Modal.Content>
        </Modal.Root>
      )}
    </Lazy>
  );
}

function Finder<T>(props: Props<T>) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useFocusAtOnce(field);
  const [place, setPlace] = useState(0);
  const found = findAll(typed, props.items, props.texts);
  const extra = props.extra?.(typed.trim()) ?? null;
  const count = found.length + (extra ? 1 : 0);
  const at = Math.min(place, count - 1);
  const chosen = found[at];

  const take = (index: number) => {
    const item = found[index];
    if (item !== undefined) props.onPick(item);
    else extra?.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter") take(at);
    else if (event.key === "ArrowDown") setPlace(Math.min(at + 1, count - 1));
    else if (event.key === "ArrowUp") setPlace(Math.max(at - 1, 0));
    else return;
    event.preventDefault();
  };
  const option = (index: number, key: string, body: ReactNode, isChecked?: boolean) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as in every combobox.
    <div
      key={key}
      id={`${id}-${index}`}
      role="option"
      tabIndex={-1}
      aria-selected={index === at}
      aria-checked={isChecked}
      className={classes.option}
      onMouseMove={() => setPlace(index)}
      onClick={() => take(index)}
      ref={index === at ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
    >
      {isChecked !== undefined && (
        <span className={classes.tick}>{isChecked && <IconCheck size={16} aria-hidden="true" />}</span>
      )}
      {body}
    </div>
  );
  return (
    <>
      <TextInput
        ref={field}
        variant="unstyled"
        size="md"
        px="md"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        aria-label={props.label}
        placeholder={props.placeholder}
        leftSection={<IconSearch size={18} aria-hidden="true" />}
        leftSectionPointerEvents="none"
        data-autofocus
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={classes.body}>
        <div id={`${id}-list`} role="listbox" aria-label={props.label} className={classes.options}>
          {found.map((item, index) =>
            option(index, props.keyOf(item), props.render(item), props.checked?.(item)),
          )}
          {extra && option(found.length, "extra", extra.label)}
          {count === 0 && <p className={classes.nothing}>{props.nothing}</p>}
        </div>
        {props.aside && chosen !== undefined && (
          <div className={classes.aside} aria-live="polite">
            {props.aside(chosen)}
          </div>
        )}
      </div>
    </>
  );
}
