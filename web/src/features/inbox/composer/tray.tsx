import { Button, CloseButton, Loader } from "@mantine/core";
import { IconAlertCircle, IconFile } from "@tabler/icons-react";
import type { StoredFile } from "~/api/types";
import { useFormat } from "~/i18n/use-format";
import { useTexts } from "~/i18n/use-texts";
import { useTranslation } from "~/i18n/use-translation";
import { isPictureFile } from "../thread/pictures";
import classes from "./composer.module.css";
import type { Tray, Upload } from "./use-tray";

/** What goes with the message: files of the draft, and those still on their way here. */
export function TrayView(props: {
  files: readonly StoredFile[];
  tray: Tray;
  onRemove(file: StoredFile): void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { files, tray } = props;
  if (files.length === 0 && tray.uploads.length === 0) return null;
  return (
    <ul className={classes.files} aria-label={t("composer.attachments")}>
      {files.map((file) => (
        <li key={file.id} className={classes.file}>
          {isPictureFile(file) ? (
            <img src={file.url} alt="" className={classes.preview} />
          ) : (
            <IconFile size={18} aria-hidden="true" />
          )}
          <span className={classes.fileText}>
            <span className={classes.fileName} title={file.name}>
              {file.name}
            </span>
            <span className={classes.fileSize}>{format.bytes(file.size)}</span>
          </span>
          <CloseButton
            size="xs"
            aria-label={t("composer.remove_attachment", { name: file.name })}
            onClick={() => props.onRemove(file)}
          />
        </li>
      ))}
      {tray.uploads.map((upload) => (
        <UploadItem key={upload.key} upload={upload} tray={tray} />
      ))}
    </ul>
  );
}

function UploadItem({ upload, tray }: { upload: Upload; tray: Tray }) {
  const { t } = useTranslation();
  const texts = useTexts();
  const { file, preview, problem } = upload;
  const again = problem !== undefined && (problem.status === 0 || problem.status >= 500);
  return (
    <li className={classes.file} data-failed={problem !== undefined || undefined}>
      {preview ? (
        <img src={preview} alt="" className={classes.preview} data-waiting={!problem || undefined} />
      ) : (
        problem && <IconAlertCircle size={18} aria-hidden="true" />
      )}
      <span className={classes.fileText}>
        <span className={classes.fileName} title={file.name}>
          {file.name}
        </span>
        {problem && (
          <span className={classes.fileProblem} role="alert">
            {texts.problem(problem)}
          </span>
        )}
      </span>
      {!problem && <Loader size="xs" role="img" aria-label={t("composer.uploading", { name: file.name })} />}
      {again && (
        <Button size="compact-xs" variant="subtle" onClick={() => tray.retry(upload)}>
          {t("common.retry")}
        </Button>
      )}
      <CloseButton
        size="xs"
        aria-label={t("composer.remove_attachment", { name: file.name })}
        onClick={() => tray.remove(upload.key)}
      />
    </li>
  );
}
