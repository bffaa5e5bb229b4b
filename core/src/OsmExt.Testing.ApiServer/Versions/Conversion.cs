using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Admission;
using OsmExt.Testing.ApiServer.Schemas;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Versions;

/// <summary>Makes objects of one version of a kind those of another: by name only, or by the webhook that the CustomResourceDefinition names.</summary>
internal sealed class Conversion(WebhookClient client, Func<string> newUid)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <exception cref="Refusal">The webhook does not answer, or refuses.</exception>
    public async Task<JsonObject> ConvertAsync(ResourceKind to, JsonObject value, CancellationToken stop)
    {
        if (value.Text("apiVersion") == to.ApiVersion)
        {
            return value;
        }

        var conversion = to.Custom?.Definition.Object("spec")?.Object("conversion");
        var converted = conversion?.Text("strategy") == "Webhook" ? await AskedAsync(to, value, conversion.Object("webhook") ?? [], stop).ConfigureAwait(false) : value.With(("apiVersion", to.ApiVersion));

        // What the other version has not does not pass, and what counts there counts.
        return SchemaOf(to) is { } schema ? (JsonObject)SchemaDefaults.Apply(SchemaPruning.Apply(converted, schema, out _), schema)! : converted;
    }

    // The kind may be asked for in another version than the row of the table it came from.
    private static JsonObject? SchemaOf(ResourceKind to) => to.Custom?.Definition.Object("spec")?.Objects("versions").FirstOrDefault(version => version.Text("name") == to.Version)?.Object("schema")?.Object("openAPIV3Schema");

    private async Task<JsonObject> AskedAsync(ResourceKind to, JsonObject value, JsonObject webhook, CancellationToken stop)
    {
        var uid = newUid();
        var question = new JsonObject
        {
            ["kind"] = "ConversionReview",
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["request"] = new JsonObject { ["uid"] = uid, ["desiredAPIVersion"] = to.ApiVersion, ["objects"] = new JsonArray(value.Copy()) },
        };
        try
        {
            var response = (await client.AskAsync(webhook.Object("clientConfig") ?? [], question, Timeout, stop).ConfigureAwait(false)).Object("response") ?? throw new WebhookFailure("the answer has no response");
            if (response.Text("uid") != uid)
            {
                throw new WebhookFailure($"invalid response: expected UID {uid}, got {response.Text("uid")}");
            }

            if (response.Object("result")?.Text("status") != "Success")
            {
                throw new WebhookFailure(response.Object("result")?.Text("message") ?? "no reason is given");
            }

            return Kept(to, value, response.Objects("convertedObjects").ToArray() is [var only] ? only : throw new WebhookFailure("expected 1 converted object"));
        }
        catch (WebhookFailure failure)
        {
            throw Refusals.Failed($"conversion webhook for {value.Text("apiVersion")}, Kind={to.Kind} failed: {failure.Message}");
        }
    }

    // Which object it is is not the webhook's to say; of its metadata only labels and annotations are.
    private static JsonObject Kept(ResourceKind to, JsonObject before, JsonObject converted)
    {
        if (converted.Text("apiVersion") != to.ApiVersion || converted.Text("kind") != to.Kind)
        {
            throw new WebhookFailure($"invalid converted object: {converted.Text("apiVersion")}, Kind={converted.Text("kind")} instead of {to.ApiVersion}, Kind={to.Kind}");
        }

        var metadata = converted.Metadata();
        return converted.With(("metadata", before.Metadata().With(("labels", metadata["labels"]), ("annotations", metadata["annotations"]))));
    }
}
