import { ActionIcon, Badge, Button, Group, Menu, Stack, Switch, TextInput } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconBookmark,
  IconDeviceFloppy,
  IconDots,
  IconPencil,
  IconPin,
  IconPinnedOff,
  IconPlus,
  IconSortAscending,
  IconTrash,
  IconUsers,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { can } from "~/api/access";
import { changeCustomerView, createCustomerView, placeCustomerViews, removeCustomerView } from "~/api/calls";
import { newId } from "~/api/ids";
import { keys } from "~/api/keys";
import { ApiProblem } from "~/api/problem";
import type { CustomerLayout, CustomerListView } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { customerViewsQuery, sessionQuery } from "~/realtime/queries";
import { Ask } from "~/ui/ask";
import { LazyMenu, LazyModal } from "~/ui/lazy";
import { notifyDone, notifyProblem } from "~/ui/notify";
import { RowTool } from "~/ui/row-tool";
import classes from "./views.module.css";

/** The views beside the filters: opened, kept, shared, put into an order. */
export function ViewsBar(props: {
  /** The view that is open. */
  current: CustomerListView | undefined;
  /** The list looks otherwise than it. */
  changed: boolean;
  /** How the list looks now. */
  layout: CustomerLayout;
  onOpen(view: CustomerListView | undefined): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const { current, changed, layout, onOpen } = props;
  const views = useQuery(customerViewsQuery()).data ?? [];
  const [menu, setMenu] = useState(false);
  const [naming, setNaming] = useState<CustomerListView | "new" | null>(null);
  const [ordering, setOrdering] = useState(false);
  const [doomed, setDoomed] = useState<CustomerListView | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const say = (error: unknown) => notifyProblem(texts.problem(ApiProblem.of(error)));
  const put = (view: CustomerListView) =>
    client.setQueryData<CustomerListView[]>(keys.customerViews(), (have = []) =>
      have.some((other) => other.id === view.id)
        ? have.map((other) => (other.id === view.id ? view : other))
        : [...have, view],
    );
  const save = useMutation({
    mutationFn: (view: CustomerListView) => changeCustomerView(view.id, { layout }),
    onSuccess: (view) => {
      put(view);
      onOpen(view);
      notifyDone(t("customer_views.saved", { name: view.name }));
    },
    onError: say,
  });
  const remove = useMutation({
    mutationFn: (view: CustomerListView) => removeCustomerView(view.id),
    onSuccess: (_, view) => {
      client.setQueryData<CustomerListView[]>(keys.customerViews(), (have) =>
        have?.filter((other) => other.id !== view.id),
      );
      setDoomed(null);
      if (current?.id === view.id) onOpen(undefined);
    },
    onError: say,
  });
  const shown = views.filter((view) => view.pinned || view.id === current?.id);
  const others = views.filter((view) => !shown.includes(view));
  const tab = (view: CustomerListView | undefined) => (
    <Button
      key={view?.id ?? "own"}
      size="compact-sm"
      variant={view?.id === current?.id ? "light" : "subtle"}
      color={view?.id === current?.id ? undefined : "gray"}
      aria-pressed={view?.id === current?.id}
      className={classes.tab}
      classNames={{ label: classes.tabLabel }}
      title={view?.name}
      leftSection={view && <Mark view={view} />}
      onClick={() => onOpen(view)}
    >
      {view?.name ?? t("customer_views.own")}
    </Button>
  );
  return (
    <fieldset className={classes.bar}>
      <legend className={classes.hidden}>{t("customer_views.label")}</legend>
      {tab(undefined)}
      {shown.map(tab)}
      {changed && current && (
        <>
          <Badge size="sm" variant="default" tt="none" role="status">
            {t("customer_views.unsaved")}
          </Badge>
          {current.editable && (
            <Button
              size="compact-sm"
              variant="default"
              loading={save.isPending}
              leftSection={<IconDeviceFloppy size={14} aria-hidden="true" />}
              onClick={() => save.mutate(current)}
            >
              {t("customer_views.save")}
            </Button>
          )}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onOpen(current)}>
            {t("customer_views.discard")}
          </Button>
        </>
      )}
      <ActionIcon
        ref={button}
        variant="subtle"
        color="gray"
        aria-haspopup="menu"
        aria-label={t("customer_views.menu")}
        data-hint={t("customer_views.menu")}
        onClick={() => setMenu(!menu)}
      >
        <IconDots size={17} aria-hidden="true" />
      </ActionIcon>
      <LazyMenu at={button.current} opened={menu} onChange={setMenu} position="bottom-start" withinPortal>
        {others.map((view) => (
          <Menu.Item key={view.id} leftSection={<Mark view={view} />} onClick={() => onOpen(view)}>
            {view.name}
          </Menu.Item>
        ))}
        {others.length > 0 && <Menu.Divider />}
        <Menu.Item leftSection={<IconPlus size={15} aria-hidden="true" />} onClick={() => setNaming("new")}>
          {t("customer_views.save_as")}
        </Menu.Item>
        {current?.editable && (
          <Menu.Item
            leftSection={<IconPencil size={15} aria-hidden="true" />}
            onClick={() => setNaming(current)}
          >
            {t("customer_views.edit")}
          </Menu.Item>
        )}
        {views.length > 0 && (
          <Menu.Item
            leftSection={<IconSortAscending size={15} aria-hidden="true" />}
            onClick={() => setOrdering(true)}
          >
            {t("customer_views.order")}
          </Menu.Item>
        )}
        {current?.editable && (
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={15} aria-hidden="true" />}
            onClick={() => setDoomed(current)}
          >
            {t("customer_views.remove")}
          </Menu.Item>
        )}
      </LazyMenu>
      <LazyModal
        opened={naming !== null}
        onClose={() => setNaming(null)}
        title={naming === "new" ? t("customer_views.create_title") : t("customer_views.edit_title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {naming && (
          <Naming
            view={naming === "new" ? null : naming}
            layout={layout}
            onClose={() => setNaming(null)}
            onSaved={(view) => {
              put(view);
              if (naming === "new") onOpen(view);
              setNaming(null);
              notifyDone(t("customer_views.saved", { name: view.name }));
            }}
          />
        )}
      </LazyModal>
      <LazyModal
        opened={ordering}
        onClose={() => setOrdering(false)}
        title={t("customer_views.order_title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <Ordering views={views} />
      </LazyModal>
      <Ask
        opened={doomed !== null}
        title={t("customer_views.remove_title", { name: doomed?.name })}
        text={doomed?.shared ? t("customer_views.remove_shared") : t("customer_views.remove_text")}
        action={t("common.remove")}
        busy={remove.isPending}
        onDo={() => doomed && remove.mutate(doomed)}
        onClose={() => setDoomed(null)}
      />
    </fieldset>
  );
}

/** Whose a view is, and whether something is wrong with it. */
function Mark({ view }: { view: CustomerListView }) {
  const { t } = useTranslation();
  if (view.broken.length > 0) {
    return <IconAlertTriangle size={15} role="img" aria-label={t("customer_views.broken.title")} />;
  }
  if (view.shared) return <IconUsers size={15} role="img" aria-label={t("customer_views.shared")} />;
  return <IconBookmark size={15} aria-hidden="true" />;
}

function Naming(props: {
  view: CustomerListView | null;
  layout: CustomerLayout;
  onClose(): void;
  onSaved(view: CustomerListView): void;
}) {
  const { t } = useTranslation();
  const texts = useTexts();
  const session = useQuery(sessionQuery).data ?? undefined;
  const { view, layout } = props;
  const [id] = useState(() => view?.id ?? newId("viw"));
  const [name, setName] = useState(view?.name ?? "");
  const [shared, setShared] = useState(view?.shared ?? false);
  const save = useMutation({
    mutationFn: () =>
      view ? changeCustomerView(id, { name, shared }) : createCustomerView({ id, name, layout, shared }),
    onSuccess: props.onSaved,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const others = (view?.shared ?? false) && view?.owner_id !== session?.member.id;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={t("customer_views.name")}
          data-autofocus
          required
          maxLength={60}
          value={name}
          error={save.error ? texts.problem(ApiProblem.of(save.error)) : undefined}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {can(session, "saved_view", "configure") && (
          <Switch
            label={t("customer_views.share")}
            checked={shared}
            disabled={others}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Ordering({ views }: { views: readonly CustomerListView[] }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const client = useQueryClient();
  const place = (order: readonly CustomerListView[]) => {
    // Shown at once; the answer confirms it.
    client.setQueryData(keys.customerViews(), [...order]);
    placeCustomerViews({ items: order.map(({ id, pinned }) => ({ id, pinned })) }).then(
      (answer) => client.setQueryData(keys.customerViews(), answer.items),
      (error) => {
        notifyProblem(texts.problem(ApiProblem.of(error)));
        void client.invalidateQueries({ queryKey: keys.customerViews() });
      },
    );
  };
  const move = (at: number, by: number) => {
    const order = [...views];
    const [view] = order.splice(at, 1);
    if (view) order.splice(at + by, 0, view);
    place(order);
  };
  return (
    <ul className={classes.order}>
      {views.map((view, at) => (
        <li key={view.id}>
          <span className={classes.name}>{view.name}</span>
          <RowTool
            label={
              view.pinned
                ? t("customer_views.unpin", { name: view.name })
                : t("customer_views.pin", { name: view.name })
            }
            onClick={() => place(views.map((v) => (v.id === view.id ? { ...v, pinned: !v.pinned } : v)))}
          >
            {view.pinned ? (
              <IconPinnedOff size={16} aria-hidden="true" />
            ) : (
              <IconPin size={16} aria-hidden="true" />
            )}
          </RowTool>
          <RowTool
            label={t("customer_views.up", { name: view.name })}
            disabled={at === 0}
            onClick={() => move(at, -1)}
          >
            <IconArrowUp size={16} aria-hidden="true" />
          </RowTool>
          <RowTool
            label={t("customer_views.down", { name: view.name })}
            disabled={at === views.length - 1}
            onClick={() => move(at, 1)}
          >
            <IconArrowDown size={16} aria-hidden="true" />
          </RowTool>
        </li>
      ))}
    </ul>
  );
}
