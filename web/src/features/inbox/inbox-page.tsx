import { useMediaQuery } from "@mantine/hooks";
import { IconMessageCircle } from "@tabler/icons-react";
import { memo, useState } from "react";
import { Group, Panel, Separator } from "react-resizable-panels";
import type { ListParams } from "~/api/keys";
import { useTranslation } from "~/i18n/use-translation";
import { keepLayout, layoutOf, usePanesVersion } from "~/ui/panes";
import { recall, remember } from "~/ui/remember";
import { EmptyState } from "~/ui/states";
import { ConversationView } from "./conversation-view";
import classes from "./inbox.module.css";
import { ConversationList } from "./list/list";

/** Below this the panes stand one behind the other. */
const NARROW = "(max-width: 56em)";

/** Opening a conversation changes two rows of it, not the list. */
const List = memo(ConversationList);

/** The inbox: list, thread and customer side by side, or one at a time in a narrow window. */
export function InboxPage(props: {
  params: ListParams;
  /** The row that is chosen; its conversation follows when it is there. */
  chosen: string | undefined;
  conversation: string | undefined;
  /** A message of it to be shown. */
  at?: string;
  /** It is shown, or cannot be. */
  onArrived?(): void;
  onParams(params: ListParams): void;
  onOpen(conversation: string | undefined): void;
}) {
  const { t } = useTranslation();
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false }) ?? false;
  const panes = usePanesVersion();
  const [panel, setPanel] = useState(() => recall("panel", false));
  const togglePanel = (open: boolean) => {
    setPanel(open);
    if (!narrow) remember("panel", open);
  };

  const list = (
    <List params={props.params} chosen={props.chosen} onParams={props.onParams} onOpen={props.onOpen} />
  );
  const thread = props.conversation ? (
    <ConversationView
      conversation={props.conversation}
      at={props.at}
      onArrived={props.onArrived}
      narrow={narrow}
      panel={panel && !narrow}
      onPanel={togglePanel}
      onBack={() => props.onOpen(undefined)}
    />
  ) : (
    <EmptyState
      icon={<IconMessageCircle size={36} stroke={1.25} aria-hidden="true" />}
      title={t("inbox.pick_title")}
      text={t("inbox.pick_text")}
    />
  );

  if (narrow) {
    return <div className={classes.single}>{props.conversation ? thread : list}</div>;
  }
  return (
    <Group
      className={classes.panes}
      orientation="horizontal"
      key={panes}
      defaultLayout={layoutOf("panes", { list: 28, thread: 72 })}
      onLayoutChanged={(layout) => keepLayout("panes", layout)}
    >
      <Panel
        id="list"
        minSize={260}
        maxSize="45%"
        defaultSize={340}
        groupResizeBehavior="preserve-pixel-size"
      >
        {list}
      </Panel>
      <Separator className={classes.handle} aria-label={t("inbox.resize_list")} />
      <Panel id="thread" minSize={360}>
        {thread}
      </Panel>
    </Group>
  );
}
