import { TextInput, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { can } from "~/api/access";
import type { SavedView } from "~/api/types";
import { changeLanguage } from "~/i18n";
import { useTranslation } from "~/i18n/use-translation";
import { channelsQuery, searchQuery, sessionQuery, viewsQuery } from "~/realtime/queries";
import { useFocusAtOnce } from "~/ui/focus";
import { fold } from "~/ui/fold";
import { isActive, isComposing, run } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import { resetPanes } from "~/ui/panes";
import { Person } from "~/ui/person";
import { setPreference } from "~/ui/preferences";
import classes from "./shell.module.css";

const NO_VIEWS: readonly SavedView[] = [];

interface Command {
  key: string;
  label: string;
  person?: { name: string; src?: string | null };
  run(): void;
}

/** Everything by typing: places, filters, appearance, language, and conversations by the customer's name. */
export function Palette(props: { opened: boolean; onClose(): void; onFind(): void }) {
  const { opened, onClose } = props;
  const { t } = useTranslation();
  return (
    <LazyModal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size="lg"
      yOffset="12vh"
      centered={false}
      aria-label={t("palette.label")}
    >
      {opened && <Finder onClose={onClose} onFind={props.onFind} />}
    </LazyModal>
  );
}

function Finder({ onClose, onFind }: { onClose(): void; onFind(): void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useFocusAtOnce(field);
  const [at, setAt] = useState(0);
  const [asked] = useDebouncedValue(typed.trim(), 150);
  const found = useQuery(searchQuery(asked)).data?.items;
  const commands = useCommands(onFind);
  const navigate = useNavigate();

  const people = useMemo<Command[]>(
    () =>
      typed.trim()
        ? (found ?? []).map((c) => ({
            key: c.id,
            label: c.customer.display_name,
            person: { name: c.customer.display_name, src: c.customer.avatar_url },
            run: () =>
              void navigate({
                to: "/inbox/$conversationId",
                params: { conversationId: c.id },
                search: { filter: "all" },
              }),
          }))
        : [],
    [found, typed, navigate],
  );
  const fitting = useMemo(() => {
    const words = fold(typed).split(" ").filter(Boolean);
    return commands.filter((c) => words.every((word) => fold(c.label).includes(word)));
  }, [commands, typed]);
  const all = [...people, ...fitting];
  const chosen = Math.min(at, all.length - 1);

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter") run(all[chosen]);
    else if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, all.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else return;
    event.preventDefault();
  };
  const option = (command: Command, index: number) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys, as in every combobox.
    <div
      key={command.key}
      id={`palette-${index}`}
      role="option"
      tabIndex={-1}
      aria-selected={index === chosen}
      className={classes.option}
      onMouseMove={() => setAt(index)}
      onClick={() => run(command)}
      ref={index === chosen ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
    >
      {command.person && <Person name={command.person.name} src={command.person.src} size={26} />}
      {command.label}
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
        aria-controls="palette-list"
        aria-activedescendant={chosen >= 0 ? `palette-${chosen}` : undefined}
        aria-label={t("palette.label")}
        placeholder={t("palette.placeholder")}
        leftSection={<IconSearch size={18} aria-hidden="true" />}
        leftSectionPointerEvents="none"
        data-autofocus
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="palette-list" role="listbox" aria-label={t("palette.label")} className={classes.options}>
        {people.length > 0 && <div className={classes.optionGroup}>{t("palette.conversations")}</div>}
        {people.map(option)}
        {fitting.length > 0 && <div className={classes.optionGroup}>{t("palette.commands")}</div>}
        {fitting.map((command, index) => option(command, people.length + index))}
        {all.length === 0 && <p className={classes.nothing}>{t("palette.nothing")}</p>}
      </div>
    </>
  );
}

function useCommands(onFind: () => void): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const channels = useQuery(channelsQuery()).data;
  const session = useQuery(sessionQuery).data ?? undefined;
  const views = useQuery(viewsQuery()).data ?? NO_VIEWS;
  return useMemo(() => {
    const places = [
      ["/inbox", t("nav.inbox")],
      ...(can(session, "customer", "browse")
        ? ([
            ["/customers", t("nav.customers")],
            ["/customers/groups", t("groups.title")],
          ] as const)
        : []),
      ["/settings/channels", t("nav.channels")],
      ["/settings/inbox", t("inbox_settings.title")],
      ["/settings/hours", t("nav.hours")],
      ["/settings/members", t("nav.members")],
      ["/settings/labels", t("nav.labels")],
      ["/settings/fields", t("nav.fields")],
      ["/settings/replies", t("nav.replies")],
      ["/settings/macros", t("nav.macros")],
      ["/settings/profile", t("nav.profile")],
      ["/settings/operator", t("nav.operator")],
    ] as const;
    const filters = ["all", "mine", "unassigned", "unread", "pending", "snoozed", "closed"] as const;
    // What the list and the open conversation can do, by the same names as its keys.
    const list = ["save_view", "select", "bulk", "undo"] as const;
    const thread = [
      "close",
      "close_next",
      "pending",
      "snooze",
      "note",
      "assign_me",
      "labels",
      "macros",
    ] as const;
    const actions = [...list, ...thread].filter(isActive);
    const schemes = ["light", "dark", "auto"] as const;
    const densities = ["roomy", "compact"] as const;
    const languages = ["vi", "en"] as const;
    return [
      { key: "find", label: t("palette.find"), run: onFind },
      ...views.map((view) => ({
        key: view.id,
        label: t("palette.view", { name: view.name }),
        run: () => void navigate({ to: "/inbox", search: { filter: "all", view: view.id } }),
      })),
      ...places.map(([to, place]) => ({
        key: to,
        label: t("palette.go", { place }),
        run: () => void (to === "/inbox" ? navigate({ to, search: { filter: "all" } }) : navigate({ to })),
      })),
      ...actions.map((name) => ({
        key: `do-${name}`,
        label: t(`shortcuts.${name}`),
        // When the palette is gone and has given the focus back.
        run: () => void setTimeout(() => run(name)),
      })),
      ...filters.map((filter) => ({
        key: `filter-${filter}`,
        label: t("palette.filter", { name: t(`inbox.filters.${filter}`) }),
        run: () => void navigate({ to: "/inbox", search: { filter } }),
      })),
      ...schemes.map((scheme) => ({
        key: `theme-${scheme}`,
        label: t("palette.theme", { name: t(`theme.${scheme}`) }),
        run: () => setColorScheme(scheme),
      })),
      ...densities.map((density) => ({
        key: `density-${density}`,
        label: t("palette.density", { name: t(`density.${density}`) }),
        run: () => setPreference("density", density),
      })),
      ...(channels ?? []).map(({ id, name }) => ({
        key: `quota-${id}`,
        label: t("palette.quota", { name }),
        run: () => void navigate({ to: "/settings/channels/$channelId/quota", params: { channelId: id } }),
      })),
      {
        key: "order-closing",
        label: t("palette.order_closing"),
        run: () => void navigate({ to: "/inbox", search: { filter: "all", sort: "closing" } }),
      },
      { key: "panes", label: t("palette.panes"), run: resetPanes },
      { key: "quiet-on", label: t("palette.quiet_on"), run: () => setPreference("quiet", true) },
      { key: "quiet-off", label: t("palette.quiet_off"), run: () => setPreference("quiet", false) },
      ...languages.map((language) => ({
        key: `language-${language}`,
        label: t("palette.language", { name: t(`language.${language}`) }),
        run: () => void changeLanguage(language),
      })),
    ];
  }, [t, navigate, setColorScheme, channels, views, session, onFind]);
}
