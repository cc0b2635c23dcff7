import { ActionIcon } from "@mantine/core";
import {
  IconChevronLeft,
  IconChevronRight,
  IconDownload,
  IconX,
  IconZoomIn,
  IconZoomOut,
} from "@tabler/icons-react";
import { type KeyboardEvent, type PointerEvent, useRef, useState, type WheelEvent } from "react";
import { useTranslation } from "~/i18n/use-translation";
import { isPressed } from "~/ui/keys";
import { LazyModal } from "~/ui/lazy";
import classes from "./viewer.module.css";
import { fit, moved, type View, zoomed } from "./zoom";

/** A wheel's notch zooms by this. */
const NOTCH = 1.15;

/** A press of the key or the button zooms by this. */
const STEP = 1.5;

/** The picture viewer: one picture large, the others of the thread by arrow keys; zoom by key, wheel and double click. */
export function Viewer(props: {
  pictures: { key: string; url: string }[];
  at: string | null;
  onMove(key: string): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const [view, setView] = useState<View>(fit);
  const download = useRef<HTMLAnchorElement>(null);
  const drag = useRef<{ x: number; y: number } | null>(null);
  const index = props.pictures.findIndex((p) => p.key === props.at);
  const picture = props.pictures[index];
  const before = props.pictures[index - 1];
  const after = props.pictures[index + 1];
  // Every picture begins as a whole.
  const [shown, setShown] = useState(props.at);
  if (shown !== props.at) {
    setShown(props.at);
    setView(fit);
  }
  const move = (to: { key: string } | undefined) => to && props.onMove(to.key);

  const onKeyDown = (event: KeyboardEvent) => {
    const press = event.nativeEvent;
    if (isPressed("viewer_previous", press)) move(before);
    else if (isPressed("viewer_next", press)) move(after);
    else if (isPressed("viewer_in", press)) setView(zoomed(view, STEP));
    else if (isPressed("viewer_out", press)) setView(zoomed(view, 1 / STEP));
    else if (isPressed("viewer_fit", press)) setView(fit);
    else if (isPressed("viewer_download", press)) download.current?.click();
    else return;
    event.preventDefault();
  };
  const onWheel = (event: WheelEvent) => setView(zoomed(view, event.deltaY < 0 ? NOTCH : 1 / NOTCH));
  const onPointerDown = (event: PointerEvent) => {
    if (view.scale === 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = drag.current;
    if (!from) return;
    setView(moved(view, event.clientX - from.x, event.clientY - from.y));
    drag.current = { x: event.clientX, y: event.clientY };
  };
  const onPointerUp = () => {
    drag.current = null;
  };

  return (
    <LazyModal
      opened={picture !== undefined}
      onClose={props.onClose}
      fullScreen
      withCloseButton={false}
      padding={0}
      aria-label={t("viewer.label")}
      classNames={{ content: classes.veil, body: classes.body }}
      onKeyDown={onKeyDown}
    >
      {picture && (
        <>
          <div className={classes.bar}>
            <span>{t("viewer.position", { at: index + 1, of: props.pictures.length })}</span>
            <ActionIcon
              variant="transparent"
              className={classes.tool}
              aria-label={t("shortcuts.viewer_out")}
              disabled={view.scale === 1}
              onClick={() => setView(zoomed(view, 1 / STEP))}
            >
              <IconZoomOut size={20} aria-hidden="true" />
            </ActionIcon>
            <output className={classes.scale} aria-label={t("viewer.scale")}>
              {t("viewer.percent", { n: Math.round(view.scale * 100) })}
            </output>
            <ActionIcon
              variant="transparent"
              className={classes.tool}
              aria-label={t("shortcuts.viewer_in")}
              onClick={() => setView(zoomed(view, STEP))}
            >
              <IconZoomIn size={20} aria-hidden="true" />
            </ActionIcon>
            <ActionIcon
              ref={download}
              component="a"
              href={picture.url}
              download
              target="_blank"
              rel="noopener noreferrer"
              variant="transparent"
              className={classes.tool}
              aria-label={t("viewer.download")}
            >
              <IconDownload size={20} aria-hidden="true" />
            </ActionIcon>
            <ActionIcon
              variant="transparent"
              className={classes.tool}
              aria-label={t("common.close")}
              data-autofocus
              onClick={props.onClose}
            >
              <IconX size={20} aria-hidden="true" />
            </ActionIcon>
          </div>
          <div className={classes.stage} onWheel={onWheel}>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: keys and buttons do the same. */}
            <img
              key={picture.key}
              src={picture.url}
              alt=""
              draggable={false}
              className={classes.picture}
              data-zoomed={view.scale > 1 || undefined}
              style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
              onDoubleClick={() => setView(view.scale > 1 ? fit : zoomed(view, STEP * STEP))}
              onPointerDown={onPointerDown}
              onPointerMove={onPointerMove}
              onPointerUp={onPointerUp}
              onPointerCancel={onPointerUp}
            />
          </div>
          {before && (
            <ActionIcon
              className={classes.left}
              variant="transparent"
              size="xl"
              aria-label={t("viewer.previous")}
              onClick={() => move(before)}
            >
              <IconChevronLeft aria-hidden="true" />
            </ActionIcon>
          )}
          {after && (
            <ActionIcon
              className={classes.right}
              variant="transparent"
              size="xl"
              aria-label={t("viewer.next")}
              onClick={() => move(after)}
            >
              <IconChevronRight aria-hidden="true" />
            </ActionIcon>
          )}
        </>
      )}
    </LazyModal>
  );
}
