import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { Notification as Notice } from "~/api/types";
import vi from "~/i18n/vi.json";
import { noticeText, place } from "./notices";

const notice = (extra: Partial<Notice>): Notice => ({
  id: "ntf_1",
  kind: "channel_report",
  params: {},
  created_at: 1,
  ...extra,
});

describe("a notice", () => {
  beforeAll(async () => {
    await i18next.init({
      lng: "vi",
      resources: { vi: { translation: vi } },
      interpolation: { escapeValue: false },
    });
  });
  const said = (extra: Partial<Notice>) => noticeText(notice(extra), i18next.getFixedT("vi"));

  it("says who reports what about which account", () => {
    const params = { by_name: "Hạnh", channel_name: "Mộc Lan" };
    for (const reason of ["not_linked", "no_money", "quota_used_up", "reconnect"]) {
      const text = said({ params: { ...params, reason } });
      expect(text).toMatch(/^Hạnh báo: .*Mộc Lan/);
    }
  });

  it("says why a scheduled message was not sent, and to whom", () => {
    for (const reason of ["customer_wrote", "costs_more", "not_allowed", "not_yours"]) {
      const text = said({ kind: "scheduled_returned", params: { reason, customer_name: "Chị Mai" } });
      expect(text).toMatch(/^Tin hẹn gửi cho Chị Mai chưa đi: /);
    }
  });

  it("is only said to be there when this version does not know its kind or its reason", () => {
    expect(said({ kind: "moon_is_full" })).toBe(vi.notices.other);
    expect(said({ params: { reason: "moon_is_full" } })).toBe(vi.notices.other);
  });

  it("leads to the conversation, else to the account, else nowhere", () => {
    expect(place(notice({ conversation_id: "cnv_1", channel_id: "ch_1" }))?.to).toBe(
      "/inbox/$conversationId",
    );
    expect(place(notice({ channel_id: "ch_1" }))).toEqual({ to: "/settings/channels", hash: "ch_1" });
    expect(place(notice({}))).toBeNull();
  });
});
