import { Button, Drawer, Skeleton } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type DragEvent, useRef, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import { ApiProblem } from "~/api/problem";
import type { Conversation } from "~/api/types";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { conversationQuery } from "~/realtime/queries";
import { keepLayout, layoutOf } from "~/ui/panes";
import { EmptyState, ErrorState } from "~/ui/states";
import type { ComposerHandle } from "./composer/composer";
import { CustomerPanel } from "./customer/panel";
import classes from "./inbox.module.css";
import { usePresenceReport } from "./presence/use-report";
import { Room } from "./room";
import { Assignee } from "./thread/assignee";
import { ThreadHeader } from "./thread/header";
import threadClasses from "./thread/thread.module.css";

/**
 * One conversation: head, room, customer. From one conversation to the next the frame stays, which is half of what
 * opening costs; everything that is one conversation's own is keyed by it.
 */
export function ConversationView(props: {
  conversation: string;
  narrow: boolean;
  panel: boolean;
  /** A message to be shown. */
  at?: string;
  /** It is shown, or cannot be. */
  onArrived?(): void;
  onPanel(open: boolean): void;
  onBack(): void;
}) {
  const texts = useTexts();
  const query = useQuery(conversationQuery(props.conversation));
  if (query.data) return <Frame {...props} conversation={query.data} />;
  if (query.isError && ApiProblem.of(query.error).code === "forbidden") {
    return <Denied onBack={props.onBack} />;
  }
  if (query.isError) {
    return (
      <ErrorState text={texts.problem(ApiProblem.of(query.error))} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <div className={threadClasses.pane}>
      <div className={threadClasses.header}>
        <Skeleton circle height={34} />
        <Skeleton height={12} width={160} />
      </div>
    </div>
  );
}

/** Somebody was given the link of a conversation that is not theirs to see. */
function Denied({ onBack }: { onBack(): void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <EmptyState
        icon={<IconLock size={32} stroke={1.25} aria-hidden="true" />}
        title={t("inbox.denied_title")}
        text={t("inbox.denied_text")}
        action={
          <Button variant="default" onClick={onBack}>
            {t("inbox.denied_back")}
          </Button>
        }
      />
    </div>
  );
}

function Frame(props: {
  conversation: Conversation;
  narrow: boolean;
  panel: boolean;
  /** A message to be shown. */
  at?: string;
  /** It is shown, or cannot be. */
  onArrived?(): void;
  onPanel(open: boolean): void;
  onBack(): void;
}) {
  const { t } = useTranslation();
  const { conversation, narrow } = props;
  const { id } = conversation;
  // The drawer of one conversation is not open over the next.
  const [drawer, setDrawer] = useState<string | null>(null);
  const composer = useRef<ComposerHandle>(null);
  const drop = useDrop(composer);
  const onInput = usePresenceReport(id);

  const panelOpen = narrow ? drawer === id : props.panel;
  const togglePanel = () => (narrow ? setDrawer(panelOpen ? null : id) : props.onPanel(!props.panel));
  const panel = (
    <CustomerPanel key={id} conversation={conversation} onClose={togglePanel}>
      {narrow && <Assignee conversation={conversation} />}
    </CustomerPanel>
  );
  const main = (
    <section
      className={threadClasses.pane}
      aria-label={t("thread.label", { name: conversation.customer.display_name })}
      data-conversation={id}
      onInput={onInput}
      {...drop.handlers}
    >
      <ThreadHeader
        conversation={conversation}
        narrow={narrow}
        panelOpen={panelOpen}
        onBack={props.onBack}
        onPanel={togglePanel}
      />
      <Room
        key={id}
        conversation={conversation}
        composer={composer}
        narrow={narrow || panelOpen}
        dropping={drop.over}
        at={props.at}
        onArrived={props.onArrived}
      />
    </section>
  );

  if (narrow) {
    return (
      <>
        {main}
        <Drawer
          opened={panelOpen}
          onClose={() => setDrawer(null)}
          position="right"
          size="100%"
          withCloseButton={false}
          padding={0}
          aria-label={t("customer.panel")}
        >
          {panel}
        </Drawer>
      </>
    );
  }
  return (
    <Group
      className={classes.panes}
      orientation="horizontal"
      defaultLayout={props.panel ? layoutOf("panes-customer", { main: 70, customer: 30 }) : { main: 100 }}
      onLayoutChanged={(layout) => props.panel && keepLayout("panes-customer", layout)}
    >
      <Panel id="main" minSize={340}>
        {main}
      </Panel>
      {props.panel && <Separator className={classes.handle} aria-label={t("inbox.resize_customer")} />}
      {props.panel && (
        <Panel
          id="customer"
          minSize={250}
          maxSize="45%"
          defaultSize={300}
          groupResizeBehavior="preserve-pixel-size"
        >
          {panel}
        </Panel>
      )}
    </Group>
  );
}

/** Files dropped anywhere on the conversation are attached. */
function useDrop(composer: React.RefObject<ComposerHandle | null>) {
  const [over, setOver] = useState(false);
  const carriesFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return {
    over,
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        setOver(false);
        // A file that is let go of must never replace the page.
        if (carriesFiles(event)) event.preventDefault();
        const files = [...event.dataTransfer.files];
        if (files.length > 0) composer.current?.attach(files);
      },
    },
  };
}
