/** Calls that change something. Reading stands in `src/realtime/queries.ts`, where it meets live events. */
import { client, done, value } from "./client";
import type { paths } from "./schema.gen";
import type { Capabilities, Draft, HoursPlan, PhoneGroup } from "./types";

type Body<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  requestBody?: { content: { "application/json": infer B } };
}
  ? B
  : never;

const at = (id: string) => ({ params: { path: { id } } });

export const signIn = (body: Body<"/api/session", "post">) => value(client.POST("/api/session", { body }));
export const signOut = () => done(client.DELETE("/api/session"));
export const signOutEverywhere = () => done(client.DELETE("/api/sessions"));
export const setUp = (body: Body<"/api/setup", "post">) => value(client.POST("/api/setup", { body }));
export const changeMe = (body: Body<"/api/me", "patch">) => value(client.PATCH("/api/me", { body }));
export const changePassword = (body: Body<"/api/me/password", "post">) =>
  done(client.POST("/api/me/password", { body }));

export const addMember = (body: Body<"/api/members", "post">) => value(client.POST("/api/members", { body }));
export const changeMember = (id: string, body: Body<"/api/members/{id}", "patch">) =>
  value(client.PATCH("/api/members/{id}", { ...at(id), body }));

export const saveZaloApp = (body: Body<"/api/channels/zalo/app", "put">) =>
  value(client.PUT("/api/channels/zalo/app", { body }));
export const connectZalo = () => value(client.POST("/api/channels/zalo/connect", {}));
export const changeChannel = (id: string, body: Body<"/api/channels/{id}", "patch">) =>
  value(client.PATCH("/api/channels/{id}", { ...at(id), body }));
export const refreshChannel = (id: string) => value(client.POST("/api/channels/{id}/refresh", at(id)));
export const reportChannel = (id: string, body: Body<"/api/channels/{id}/report", "post">) =>
  value(client.POST("/api/channels/{id}/report", { ...at(id), body }));
export const disconnectChannel = (id: string) => value(client.DELETE("/api/channels/{id}", at(id)));

export const startImport = (id: string, body: Body<"/api/channels/{id}/import", "post">) =>
  value(client.POST("/api/channels/{id}/import", { ...at(id), body }));
export const steerImport = (id: string, body: Body<"/api/channels/{id}/import", "patch">) =>
  value(client.PATCH("/api/channels/{id}/import", { ...at(id), body }));

export const changeConversation = (id: string, body: Body<"/api/conversations/{id}", "patch">) =>
  value(client.PATCH("/api/conversations/{id}", { ...at(id), body }));
export const markRead = (id: string) => done(client.POST("/api/conversations/{id}/read", at(id)));

export const writeNote = (id: string, body: Body<"/api/conversations/{id}/notes", "post">) =>
  value(client.POST("/api/conversations/{id}/notes", { ...at(id), body }));
export const changeNote = (id: string, text: string) =>
  value(client.PATCH("/api/notes/{id}", { ...at(id), body: { text } }));
export const removeNote = (id: string) => done(client.DELETE("/api/notes/{id}", at(id)));
export const saveInboxSettings = (body: Body<"/api/inbox/settings", "put">) =>
  value(client.PUT("/api/inbox/settings", { body }));

export const createView = (body: Body<"/api/views", "post">) => value(client.POST("/api/views", { body }));
export const changeView = (id: string, body: Body<"/api/views/{id}", "patch">) =>
  value(client.PATCH("/api/views/{id}", { ...at(id), body }));
export const removeView = (id: string) => done(client.DELETE("/api/views/{id}", at(id)));
export const placeViews = (body: Body<"/api/views/order", "put">) =>
  value(client.PUT("/api/views/order", { body }));

export type BulkList = Body<"/api/bulk-jobs/count", "post">;
export const countForBulk = (body: BulkList) => value(client.POST("/api/bulk-jobs/count", { body }));
export const beginBulk = (body: Body<"/api/bulk-jobs", "post">) =>
  value(client.POST("/api/bulk-jobs", { body }));
export const readBulk = (id: string) => value(client.GET("/api/bulk-jobs/{id}", at(id)));
export const cancelBulk = (id: string) => value(client.POST("/api/bulk-jobs/{id}/cancel", at(id)));
export const undoBulk = (id: string) => value(client.POST("/api/bulk-jobs/{id}/undo", at(id)));

export const sendMessage = (id: string, body: Body<"/api/conversations/{id}/messages", "post">) =>
  value(client.POST("/api/conversations/{id}/messages", { ...at(id), body }));
export const recheckComposer = (id: string) => value(client.POST("/api/conversations/{id}/recheck", at(id)));
export const react = (id: string, body: Body<"/api/messages/{id}/reaction", "put">) =>
  value(client.PUT("/api/messages/{id}/reaction", { ...at(id), body }));
export const takeReactionBack = (id: string) => value(client.DELETE("/api/messages/{id}/reaction", at(id)));
export const retryMessage = (id: string) => value(client.POST("/api/messages/{id}/retry", at(id)));
export const cancelMessage = (id: string) => done(client.DELETE("/api/messages/{id}", at(id)));

export const scheduleMessage = (id: string, body: Body<"/api/conversations/{id}/scheduled", "post">) =>
  value(client.POST("/api/conversations/{id}/scheduled", { ...at(id), body }));
export const editScheduled = (id: string, body: Body<"/api/scheduled/{id}", "patch">) =>
  value(client.PATCH("/api/scheduled/{id}", { ...at(id), body }));
export const sendScheduled = (id: string) => value(client.POST("/api/scheduled/{id}/send", at(id)));
export const cancelScheduled = (id: string) => done(client.DELETE("/api/scheduled/{id}", at(id)));

/** The hours of a channel, or (null) of the workspace; without a plan they are taken away. */
export const saveHours = (channel: string | null, plan: HoursPlan | null) => {
  if (channel === null) {
    return value(plan ? client.PUT("/api/hours", { body: plan }) : client.DELETE("/api/hours", {}));
  }
  return value(
    plan
      ? client.PUT("/api/channels/{id}/hours", { ...at(channel), body: plan })
      : client.DELETE("/api/channels/{id}/hours", at(channel)),
  );
};
export const saveAutoReply = (id: string, body: Body<"/api/channels/{id}/auto-reply", "put">) =>
  value(client.PUT("/api/channels/{id}/auto-reply", { ...at(id), body }));

export const saveDraft = (id: string, draft: Draft) =>
  done(client.PUT("/api/conversations/{id}/draft", { ...at(id), body: draft }));
export const removeDraft = (id: string) => done(client.DELETE("/api/conversations/{id}/draft", at(id)));

export const readNotification = (id: string) => done(client.POST("/api/notifications/{id}/read", at(id)));
export const readNotifications = () => done(client.POST("/api/notifications/read"));

export const changeCustomer = (id: string, body: Body<"/api/customers/{id}", "patch">) =>
  value(client.PATCH("/api/customers/{id}", { ...at(id), body }));

export const pushLabelAgain = (id: string) => value(client.POST("/api/labels/{id}/push-again", at(id)));
export const labelCustomers = (body: Body<"/api/customers/bulk-labels", "post">) =>
  value(client.POST("/api/customers/bulk-labels", { body }));
export const saveCustomerSettings = (body: Body<"/api/customers/settings", "put">) =>
  value(client.PUT("/api/customers/settings", { body }));
export const createCustomerView = (body: Body<"/api/customers/views", "post">) =>
  value(client.POST("/api/customers/views", { body }));
export const changeCustomerView = (id: string, body: Body<"/api/customers/views/{id}", "patch">) =>
  value(client.PATCH("/api/customers/views/{id}", { ...at(id), body }));
export const removeCustomerView = (id: string) => done(client.DELETE("/api/customers/views/{id}", at(id)));
export const placeCustomerViews = (body: Body<"/api/customers/views/order", "put">) =>
  value(client.PUT("/api/customers/views/order", { body }));
/** Ends a customer's follow; `id` is ours, so that the same wish is done once. */
export const removeFollow = (customer: string, body: Body<"/api/customers/{id}/remove-follow", "post">) =>
  value(client.POST("/api/customers/{id}/remove-follow", { ...at(customer), body }));

export const keepCustomerLayout = (body: Body<"/api/customers/layout", "put">) =>
  done(client.PUT("/api/customers/layout", { body }));
export const forgetCustomerLayout = () => done(client.DELETE("/api/customers/layout"));
export const labelCustomer = (id: string, body: Body<"/api/customers/{id}/labels", "patch">) =>
  value(client.PATCH("/api/customers/{id}/labels", { ...at(id), body }));
export const createField = (body: Body<"/api/customers/fields", "post">) =>
  value(client.POST("/api/customers/fields", { body }));
export const changeField = (id: string, body: Body<"/api/customers/fields/{id}", "patch">) =>
  value(client.PATCH("/api/customers/fields/{id}", { ...at(id), body }));
export const orderFields = (ids: string[]) =>
  value(client.PUT("/api/customers/fields/order", { body: { ids } }));
export const removeField = (id: string) => done(client.DELETE("/api/customers/fields/{id}", at(id)));
export const fieldUsage = (id: string) => value(client.GET("/api/customers/fields/{id}/usage", at(id)));
export const sayPackage = (name: string, body: Capabilities) =>
  value(client.PUT("/api/customers/packages/{name}", { params: { path: { name } }, body }));
export const forgetPackage = (name: string) =>
  value(client.DELETE("/api/customers/packages/{name}", { params: { path: { name } } }));
/** Numbers of a file, or typed ones, for a phone group. Without an id the server only says what would happen. */
export interface PhoneUpload {
  id?: string;
  mode: "add" | "replace";
  expiresAt?: number;
  source: File | string;
}
export const uploadGroupNumbers = (group: PhoneGroup, upload: PhoneUpload) =>
  value(
    client.POST("/api/customers/groups/{group}/uploads", {
      params: { path: { group } },
      // The description says "binary string"; what travels is a form made of the file itself.
      body: {},
      bodySerializer: () => {
        const form = new FormData();
        if (upload.id) form.append("id", upload.id);
        form.append("mode", upload.mode);
        if (upload.expiresAt !== undefined) form.append("expires_at", String(upload.expiresAt));
        if (typeof upload.source === "string") form.append("numbers", upload.source);
        else form.append("file", upload.source, upload.source.name);
        return form;
      },
    }),
  );
export const removeGroupNumber = (group: PhoneGroup, phone: string) =>
  done(
    client.POST("/api/customers/groups/{group}/numbers/remove", {
      params: { path: { group } },
      body: { phone },
    }),
  );
export const emptyGroup = (group: PhoneGroup) =>
  value(client.DELETE("/api/customers/groups/{group}/numbers", { params: { path: { group } } }));
export const groupReportUrl = (group: PhoneGroup, id: string, format: "csv" | "xlsx", language: string) =>
  `/api/customers/groups/${group}/uploads/${id}/file?format=${format}&language=${language}`;
export const createLabel = (body: Body<"/api/labels", "post">) => value(client.POST("/api/labels", { body }));
export const changeLabel = (id: string, body: Body<"/api/labels/{id}", "patch">) =>
  value(client.PATCH("/api/labels/{id}", { ...at(id), body }));
export const orderLabels = (ids: string[]) => value(client.PUT("/api/labels/order", { body: { ids } }));
export const removeLabel = (id: string) => done(client.DELETE("/api/labels/{id}", at(id)));

export const createReply = (body: Body<"/api/canned-replies", "post">) =>
  value(client.POST("/api/canned-replies", { body }));
export const changeReply = (id: string, body: Body<"/api/canned-replies/{id}", "put">) =>
  value(client.PUT("/api/canned-replies/{id}", { ...at(id), body }));
export const removeReply = (id: string) => done(client.DELETE("/api/canned-replies/{id}", at(id)));
export const countReply = (id: string) => done(client.POST("/api/canned-replies/{id}/used", at(id)));
export const previewReply = (body: Body<"/api/canned-replies/preview", "post">) =>
  value(client.POST("/api/canned-replies/preview", { body }));

export const createMacro = (body: Body<"/api/macros", "post">) => value(client.POST("/api/macros", { body }));
export const changeMacro = (id: string, body: Body<"/api/macros/{id}", "put">) =>
  value(client.PUT("/api/macros/{id}", { ...at(id), body }));
export const removeMacro = (id: string) => done(client.DELETE("/api/macros/{id}", at(id)));
export const runMacro = (id: string, body: Body<"/api/macros/{id}/run", "post">) =>
  value(client.POST("/api/macros/{id}/run", { ...at(id), body }));

export const uploadFile = (file: File) =>
  value(
    client.POST("/api/files", {
      // The description says "binary string"; what travels is a form made of the file itself.
      body: { file: "" },
      bodySerializer: () => {
        const form = new FormData();
        form.append("file", file, file.name);
        return form;
      },
    }),
  );
