using System.Text.Json.Nodes;
using OsmExt.PluginHost.Cel;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Admission;

/// <summary>Which webhooks want to be asked about a write.</summary>
internal static class WebhookMatch
{
    private static readonly GroupResource Namespaces = new("", "namespaces");

    /// <summary>The version of the kind that the webhook wants it in; null when it does not want to know.</summary>
    public static ResourceKind? Wanted(Webhook webhook, AdmissionRequest request, KindTable kinds)
    {
        // Those who break their own configuration could not mend it.
        if (request.Kind.Group == "admissionregistration.k8s.io" || request.Kind.CreateOnly)
        {
            return null;
        }

        var rules = webhook.Written.Objects("rules").Where(rule => Has(rule.Texts("operations"), request.Operation) && Fits(rule.Text("scope") ?? "*", request)).ToArray();
        if (rules.Any(rule => Covers(rule, request.Kind, request.Write.Subresource)))
        {
            return request.Kind;
        }

        return webhook.TakesEquivalents ? kinds.All.Where(kind => kind.GroupResource == request.Kind.GroupResource).FirstOrDefault(kind => rules.Any(rule => Covers(rule, kind, request.Write.Subresource))) : null;
    }

    public static bool Selects(Webhook webhook, AdmissionRequest request, StoreState state)
        => SelectsNamespace(LabelSelector.Of(webhook.Written.Object("namespaceSelector")), request, state)
            && LabelSelector.Of(webhook.Written.Object("objectSelector")) is var selector
            && ((request.Object is { } value && selector.Matches(value)) || (request.Old is { } old && selector.Matches(old)));

    /// <summary>Whether its conditions hold: all, as one that does not hold is enough for not being asked.</summary>
    /// <exception cref="CelException">One has no value, and none decides.</exception>
    public static bool Holds(Webhook webhook, AdmissionRequest request, string uid)
    {
        var conditions = webhook.Written.Objects("matchConditions").ToArray();
        if (conditions.Length == 0)
        {
            return true;
        }

        KeyValuePair<string, object?>[] names =
        [
            KeyValuePair.Create("request", CelValues.Of(request.ToJson(uid))), KeyValuePair.Create("object", CelValues.Of(request.Object)), KeyValuePair.Create("oldObject", CelValues.Of(request.Old)),
        ];
        var (budget, failure) = (new CelBudget(), (CelException?)null);
        foreach (var condition in conditions)
        {
            try
            {
                var rule = CelParser.Parse(condition.Text("expression") ?? "");
                CelCheck.Rule(rule, names.Select(name => KeyValuePair.Create(name.Key, CelKnown.Unknown)));
                if (!CelEvaluation.Holds(rule, names, budget))
                {
                    return false;
                }
            }
            catch (CelException found)
            {
                failure ??= found;
            }
        }

        return failure is null ? true : throw failure;
    }

    private static bool SelectsNamespace(LabelSelector selector, AdmissionRequest request, StoreState state)
    {
        if (request.Kind.GroupResource == Namespaces)
        {
            return selector.Matches((request.Object ?? request.Old)!);
        }

        return !request.Kind.Namespaced || selector.Matches(state.Find(Namespaces, new("", request.Write.Namespace))?.Object ?? []);
    }

    private static bool Fits(string scope, AdmissionRequest request) => scope switch
    {
        "Cluster" => !request.Kind.Namespaced,
        "Namespaced" => request.Kind.Namespaced,
        _ => true,
    };

    private static bool Covers(JsonObject rule, ResourceKind kind, string subresource)
        => Has(rule.Texts("apiGroups"), kind.Group) && Has(rule.Texts("apiVersions"), kind.Version)
            && rule.Texts("resources").Any(resource => resource.Split('/') switch
            {
                ["*"] or ["*", ""] => subresource.Length == 0,
                [var name] => name == kind.Plural && subresource.Length == 0,
                [var name, var below] => (name == "*" || name == kind.Plural) && (below == "*" || (below.Length > 0 && below == subresource)),
                _ => false,
            });

    private static bool Has(IEnumerable<string> allowed, string wanted) => allowed.Any(one => one == "*" || one == wanted);
}
