using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Admission;

/// <summary>A webhook of a configuration, as its author wrote it, with what counts where they wrote nothing.</summary>
internal sealed record Webhook(JsonObject Written)
{
    public string Name => Written.Text("name") ?? "";

    /// <summary>Whether a request goes on when the webhook cannot be asked.</summary>
    public bool IgnoresFailure => Written.Text("failurePolicy") == "Ignore";

    /// <summary>Whether it wants to see what others changed after it.</summary>
    public bool IsReinvoked => Written.Text("reinvocationPolicy") == "IfNeeded";

    /// <summary>Whether rules about another version of a kind count too.</summary>
    public bool TakesEquivalents => Written.Text("matchPolicy") != "Exact";

    public bool MayDryRun => Written.Text("sideEffects") is "None" or "NoneOnDryRun";

    public TimeSpan Timeout => TimeSpan.FromSeconds(Written.Number("timeoutSeconds") ?? 10);

    public JsonObject ClientConfig => Written.Object("clientConfig") ?? [];

    /// <summary>The webhooks of all configurations of a kind, in the order they are asked: by the name of the configuration, then as they are written.</summary>
    public static IReadOnlyList<Webhook> All(string configurations, StoreState state)
        => [.. state.Of(new("admissionregistration.k8s.io", configurations)).Values.SelectMany(stored => stored.Object.Objects("webhooks")).Select(written => new Webhook(written))];
}

/// <summary>How a webhook is reached.</summary>
/// <param name="Address">With the Service's name in the cluster, when it names one.</param>
/// <param name="Service">Namespace, name and port of the Service; null for one that is elsewhere.</param>
/// <param name="Authorities">The certificates it is trusted by, in PEM; empty for those of the machine.</param>
internal sealed record WebhookAddress(Uri Address, (string Namespace, string Name, int Port)? Service, string Authorities)
{
    /// <exception cref="FormatException">The configuration says nothing that can be called.</exception>
    public static WebhookAddress Of(JsonObject client)
    {
        var authorities = client.Text("caBundle") is { Length: > 0 } bundle ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(bundle)) : "";
        if (client.Text("url") is { } url)
        {
            return new(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == "https" ? address : throw new FormatException($"{url} is no https address"), null, authorities);
        }

        var service = client.Object("service") ?? throw new FormatException("it has neither url nor service");
        var (space, name, port) = (service.Text("namespace") ?? "", service.Text("name") ?? "", (int)(service.Number("port") ?? 443));
        return new(new(string.Create(CultureInfo.InvariantCulture, $"https://{name}.{space}.svc:{port}/{service.Text("path")?.TrimStart('/')}")), (space, name, port), authorities);
    }
}
