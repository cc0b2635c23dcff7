import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { CustomersPage } from "~/features/customers/customers-page";

export function Customers() {
  const navigate = useNavigate();
  const open = useCallback(
    (conversationId: string) =>
      void navigate({ to: "/inbox/$conversationId", params: { conversationId }, search: { filter: "all" } }),
    [navigate],
  );
  return <CustomersPage onOpen={open} />;
}
