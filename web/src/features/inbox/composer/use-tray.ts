/**
 * Files on their way into a message: shown at once, uploaded one after the other in the order they came, and kept
 * with their reason when the server refuses them. What is uploaded belongs to the draft.
 */
import { useEffect, useRef, useState } from "react";
import { uploadFile } from "~/api/calls";
import { ApiProblem } from "~/api/problem";
import type { StoredFile } from "~/api/types";
import { learn, precheck, recallLimits, rememberLimits } from "./limits";

export interface Upload {
  key: number;
  file: File;
  /** A picture as it stands on this device. */
  preview?: string;
  /** Why it was refused; absent while it waits or travels. */
  problem?: ApiProblem;
}

/** Numbers uploads within this page. */
let counter = 0;

const preview = (file: File) =>
  file.type.startsWith("image/") && typeof URL.createObjectURL === "function"
    ? URL.createObjectURL(file)
    : undefined;

export function useTray(onStored: (file: StoredFile) => void) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [limits, setLimits] = useState(recallLimits);
  const now = useRef({ uploads, limits, onStored });
  now.current.onStored = onStored;
  const line = useRef(Promise.resolve());

  const set = (next: readonly Upload[]) => {
    for (const gone of now.current.uploads) {
      if (gone.preview && !next.some((u) => u.key === gone.key)) URL.revokeObjectURL(gone.preview);
    }
    now.current.uploads = next;
    setUploads(next);
  };
  const drop = (key: number) => set(now.current.uploads.filter((u) => u.key !== key));
  const mark = (key: number, problem: ApiProblem | undefined) =>
    set(now.current.uploads.map((u) => (u.key === key ? { ...u, problem } : u)));

  /** What a refusal teaches about the platform's limits. */
  const learned = (problem: ApiProblem, type?: string) => {
    now.current.limits = learn(now.current.limits, problem, type);
    setLimits(now.current.limits);
    rememberLimits(now.current.limits);
  };

  const travel = async ({ key, file }: Upload) => {
    const wanted = () => now.current.uploads.some((u) => u.key === key);
    if (!wanted()) return;
    const refused = precheck(now.current.limits, file);
    if (refused) {
      mark(key, refused);
      return;
    }
    try {
      const stored = await uploadFile(file);
      // Taken out while it travelled: the copy on the server is nobody's and is swept there.
      if (!wanted()) return;
      drop(key);
      now.current.onStored(stored);
    } catch (error) {
      const problem = ApiProblem.of(error);
      learned(problem, file.type);
      mark(key, problem);
    }
  };
  const queue = (upload: Upload) => {
    line.current = line.current.then(() => travel(upload));
  };

  // The pictures of this device are let go with the composer.
  useEffect(
    () => () => {
      for (const { preview: url } of now.current.uploads) if (url) URL.revokeObjectURL(url);
    },
    [],
  );

  return {
    uploads,
    limits,
    learned,
    /** Something is still travelling. */
    busy: uploads.some((u) => !u.problem),
    add: (files: Iterable<File>) => {
      const fresh = [...files].map((file): Upload => {
        counter += 1;
        return { key: counter, file, preview: preview(file) };
      });
      set([...now.current.uploads, ...fresh]);
      for (const upload of fresh) queue(upload);
    },
    remove: drop,
    retry: (upload: Upload) => {
      mark(upload.key, undefined);
      queue(upload);
    },
  };
}

export type Tray = ReturnType<typeof useTray>;
