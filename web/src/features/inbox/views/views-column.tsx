import { ActionIcon, Menu, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconBookmark,
  IconChevronDown,
  IconChevronRight,
  IconDots,
  IconEdit,
  IconPin,
  IconPinnedOff,
  IconPlus,
  IconTrash,
  IconUsers,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import { placeViews, removeView } from "~/api/calls";
import { keys, type ListParams } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { SavedView } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { viewCountsQuery, viewsQuery } from "~/realtime/queries";
import { isPressed, useShortcuts } from "~/ui/keys";
import { notifyProblem } from "~/ui/notify";
import { recall, remember } from "~/ui/remember";
import inbox from "../inbox.module.css";
import { criteriaOf, moved } from "./criteria";
import { type Editing, ViewDialog } from "./view-dialog";
import classes from "./views.module.css";

/** Saved views in the column of the list: with counters, in the member's own order. */
export function ViewsColumn(props: { params: ListParams; onParams(params: ListParams): void }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const { params, onParams } = props;
  const views = useQuery(viewsQuery()).data ?? [];
  const counts = useQuery({ ...viewCountsQuery(), enabled: views.length > 0 }).data;
  const [all, setAll] = useState(() => recall("views-all", false));
  const [editing, setEditing] = useState<Editing | null>(null);
  const list = useRef<HTMLUListElement>(null);

  const shown = views.filter((view) => all || view.pinned || view.id === params.view);
  const hidden = views.length - views.filter((view) => view.pinned).length;
  const current = views.find((view) => view.id === params.view);
  const open = (view: SavedView | undefined) => {
    if (!view) return false;
    onParams({ filter: "all", view: view.id });
  };
  const create = () =>
    setEditing({
      view: null,
      criteria: criteriaOf(params, current),
      sort: current?.sort ?? params.sort ?? "latest",
    });
  useShortcuts({
    view: (event) => open(shown[Number(event.code.slice(-1)) - 1]),
    save_view: create,
  });

  const place = (order: readonly SavedView[]) => {
    // Shown at once; the answer confirms it.
    client.setQueryData(keys.views(), [...order]);
    placeViews({ items: order.map(({ id, pinned }) => ({ id, pinned })) }).then(
      (answer) => client.setQueryData(keys.views(), answer.items),
      (error) => {
        notifyProblem(texts.problem(ApiProblem.of(error)));
        void client.invalidateQueries({ queryKey: keys.views() });
      },
    );
  };
  const move = (view: SavedView, by: number) => {
    // By the next one that is seen, over those that are not.
    const at = shown.indexOf(view);
    const other = shown[at + by];
    if (!other) return;
    place(moved(views, views.indexOf(view), views.indexOf(other) - views.indexOf(view)));
  };
  const pin = (view: SavedView) =>
    place(views.map((other) => (other.id === view.id ? { ...view, pinned: !view.pinned } : other)));
  const remove = (view: SavedView) =>
    removeView(view.id).then(
      () => {
        client.setQueryData<SavedView[]>(keys.views(), (have) => have?.filter((v) => v.id !== view.id));
        if (params.view === view.id) onParams({ filter: "all" });
      },
      (error) => notifyProblem(texts.problem(ApiProblem.of(error))),
    );

  const onKeyDown = (event: KeyboardEvent, view: SavedView) => {
    const press = event.nativeEvent;
    const step = isPressed("view_down", press) ? 1 : isPressed("view_up", press) ? -1 : 0;
    const walk = isPressed("walk_down", press) && !press.shiftKey ? 1 : isPressed("walk_up", press) ? -1 : 0;
    if (step !== 0) move(view, step);
    else if (walk !== 0) {
      const buttons = [...(list.current?.querySelectorAll<HTMLElement>("[data-view]") ?? [])];
      buttons[buttons.findIndex((b) => b.dataset.view === view.id) + walk]?.focus();
    } else return;
    event.preventDefault();
  };

  return (
    <section className={classes.views} aria-label={t("views.label")}>
      <div className={classes.head}>
        <h2 className={classes.title}>{t("views.label")}</h2>
        <ActionIcon
          data-hint={t("views.save_current")}
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t("views.save_current")}
          onClick={create}
        >
          <IconPlus size={15} aria-hidden="true" />
        </ActionIcon>
      </div>
      {shown.length > 0 && (
        <ul ref={list} className={classes.list}>
          {shown.map((view, at) => {
            const count = counts?.[view.id] ?? 0;
            const dead = view.dead.length > 0;
            const chosen = view.id === params.view;
            return (
              <li key={view.id} className={classes.item} data-chosen={chosen || undefined}>
                <UnstyledButton
                  className={classes.open}
                  data-view={view.id}
                  aria-current={chosen || undefined}
                  title={view.name}
                  onClick={() => open(view)}
                  onKeyDown={(event) => onKeyDown(event, view)}
                >
                  <Mark view={view} />
                  <span className={classes.name}>{view.name}</span>
                  {dead && <span className={inbox.spoken}>{t("views.dead_mark")}</span>}
                  {count > 0 && <span className={classes.count}>{count > 999 ? "999+" : count}</span>}
                </UnstyledButton>
                <Menu position="bottom-end" withinPortal>
                  <Menu.Target>
                    <ActionIcon
                      className={classes.more}
                      variant="subtle"
                      color="gray"
                      size="sm"
                      aria-label={t("views.actions", { name: view.name })}
                    >
                      <IconDots size={15} aria-hidden="true" />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {view.editable && (
                      <Menu.Item
                        leftSection={<IconEdit size={15} aria-hidden="true" />}
                        onClick={() => setEditing({ view, criteria: view.criteria, sort: view.sort })}
                      >
                        {t("views.edit")}
                      </Menu.Item>
                    )}
                    <Menu.Item
                      leftSection={
                        view.pinned ? (
                          <IconPinnedOff size={15} aria-hidden="true" />
                        ) : (
                          <IconPin size={15} aria-hidden="true" />
                        )
                      }
                      onClick={() => pin(view)}
                    >
                      {view.pinned ? t("views.unpin") : t("views.pin")}
                    </Menu.Item>
                    <Menu.Item
                      disabled={at === 0}
                      leftSection={<IconArrowUp size={15} aria-hidden="true" />}
                      onClick={() => move(view, -1)}
                    >
                      {t("views.up")}
                    </Menu.Item>
                    <Menu.Item
                      disabled={at === shown.length - 1}
                      leftSection={<IconArrowDown size={15} aria-hidden="true" />}
                      onClick={() => move(view, 1)}
                    >
                      {t("views.down")}
                    </Menu.Item>
                    {view.editable && (
                      <Menu.Item
                        color="red"
                        leftSection={<IconTrash size={15} aria-hidden="true" />}
                        onClick={() => void remove(view)}
                      >
                        {view.shared ? t("views.remove_for_all") : t("views.remove")}
                      </Menu.Item>
                    )}
                  </Menu.Dropdown>
                </Menu>
              </li>
            );
          })}
        </ul>
      )}
      {hidden > 0 && (
        <UnstyledButton
          className={classes.rest}
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
            remember("views-all", !all);
          }}
        >
          {all ? (
            <IconChevronDown size={14} aria-hidden="true" />
          ) : (
            <IconChevronRight size={14} aria-hidden="true" />
          )}
          {all ? t("views.only_pinned") : t("views.show_all", { count: hidden })}
        </UnstyledButton>
      )}
      <ViewDialog
        editing={editing}
        onClose={() => setEditing(null)}
        onSaved={(view, made) => {
          client.setQueryData<SavedView[]>(keys.views(), (have = []) =>
            have.some((v) => v.id === view.id)
              ? have.map((v) => (v.id === view.id ? view : v))
              : [...have, view],
          );
          void client.invalidateQueries({ queryKey: keys.viewCounts() });
          if (made) onParams({ filter: "all", view: view.id });
        }}
      />
    </section>
  );
}

function Mark({ view }: { view: SavedView }) {
  const size = { size: 15, stroke: 1.6, "aria-hidden": true } as const;
  if (view.dead.length > 0) return <IconAlertTriangle {...size} className={classes.warn} />;
  return view.shared ? <IconUsers {...size} /> : <IconBookmark {...size} />;
}
