/**
 * Windows and menus that are made when they are first opened, and then stay. A conversation has a dozen that most
 * people never open; made at once they would take longer than the conversation itself.
 */
import { Menu, type MenuProps, Modal, type ModalProps, Popover, type PopoverProps } from "@mantine/core";
import { type ReactNode, useLayoutEffect, useState } from "react";
import { Anchor } from "./anchor";

/** Draws nothing before it is first opened; then closed for an instant, so that what opens knows who had the focus. */
export function Lazy(props: { opened: boolean; children(opened: boolean): ReactNode }) {
  const { opened } = props;
  const [made, setMade] = useState(false);
  useLayoutEffect(() => {
    if (opened) setMade(true);
  }, [opened]);
  return opened || made ? props.children(opened && made) : null;
}

export function LazyModal(props: ModalProps) {
  return <Lazy opened={props.opened}>{(opened) => <Modal {...props} opened={opened} />}</Lazy>;
}

interface At {
  opened: boolean;
  onChange(opened: boolean): void;
  /** The button it stands at; it says itself what it opens (`aria-haspopup`). */
  at: HTMLElement | null;
}

/** A menu; the children are its items. */
export function LazyMenu({ at, children, ...props }: At & MenuProps) {
  return (
    <Lazy opened={props.opened}>
      {(opened) => (
        <Menu withArrow {...props} opened={opened}>
          <Menu.Target>
            <Anchor to={at} open={opened} />
          </Menu.Target>
          <Menu.Dropdown>{children}</Menu.Dropdown>
        </Menu>
      )}
    </Lazy>
  );
}

/** A popover that takes the focus and gives it back; the children are its dropdown. */
export function LazyPopover({ at, children, ...props }: At & PopoverProps) {
  return (
    <Lazy opened={props.opened}>
      {(opened) => (
        <Popover withArrow trapFocus returnFocus {...props} opened={opened}>
          <Popover.Target>
            <Anchor to={at} open={opened} />
          </Popover.Target>
          {children}
        </Popover>
      )}
    </Lazy>
  );
}
