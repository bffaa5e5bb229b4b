using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OsmExt.PluginHost.Manifests;
using OsmExt.PluginHost.Schemas;
using OsmExt.PluginHost.Templates;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Certificates;

/// <summary>Reads a request for a certificate that a template has made.</summary>
internal static partial class RequestReader
{
    public const string DurationRule = "Write a whole number of seconds, minutes or hours, like 24h";
    private const string Names = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
    private static readonly ConfigSchema Text = new(ConfigType.String);

    private static readonly ConfigSchema Shape = new(ConfigType.Object)
    {
        Properties =
        [
            new("secret", Text with { Pattern = $"[a-z0-9-]+/{Names}" }, Required: true),
            new("serviceAccount", Text with { Pattern = $"[a-z0-9-]+/{Names}" }, Required: false),
            new("outside", Text with { Pattern = Names }, Required: false),
            new("dnsNames", new(ConfigType.Array) { Items = Text with { Pattern = Names } }, Required: false),
            new("usages", new(ConfigType.Array) { Items = Text with { Enum = ["client", "server"] } }, Required: false),
            new("validity", Text with { Pattern = "[1-9][0-9]{0,7}[smh]" }, Required: false),
            new("rootsOnly", new(ConfigType.Boolean), Required: false),
        ],
    };

    /// <summary>The request; or what is wrong, with the template's line.</summary>
    public static (CertificateRequest? Request, string Field, string Problem, int Line) Read(RenderedText rendered, string slot, ResourceKey? origin)
    {
        var (documents, problems) = YamlText.Read(rendered.Text);
        if (problems is [var broken, ..])
        {
            return (null, "", broken.Message, rendered.TemplateLineOf(broken.Position.Line));
        }

        if (documents is not [var only])
        {
            return (null, "", $"Expected one document, found {documents.Count}", 0);
        }

        var (value, wrong) = new SpecCheck(Shape).Of(YamlJson.Of(only.Root));
        if (wrong is [var first, ..])
        {
            return (null, first.Path, first.Message, 0);
        }

        var fields = value.Root;
        return (new(slot, Name(fields, "secret")!)
        {
            ServiceAccount = Name(fields, "serviceAccount"),
            Outside = One(fields, "outside") ?? "",
            DnsNames = All(fields, "dnsNames"),
            Usages = [.. All(fields, "usages").Select(usage => usage == "client" ? CertificateUsage.Client : CertificateUsage.Server).Distinct().Order()],
            Validity = One(fields, "validity") is { } validity ? Duration(validity) : null,
            RootsOnly = fields.TryGetProperty("rootsOnly", out var rootsOnly) && rootsOnly.GetBoolean(),
            Origin = origin,
        }, "", "", 0);
    }

    public static TimeSpan? Duration(string text)
    {
        if (!DurationPattern().IsMatch(text))
        {
            return null;
        }

        var number = int.Parse(text[..^1], CultureInfo.InvariantCulture);
        return text[^1] switch { 's' => TimeSpan.FromSeconds(number), 'm' => TimeSpan.FromMinutes(number), _ => TimeSpan.FromHours(number) };
    }

    /// <summary>Whether it is a lower-case DNS name, which everything that a certificate names has to be.</summary>
    public static bool IsName(string name) => name.Length <= 253 && NamePattern().IsMatch(name) && name.Split('.').All(label => label.Length <= 63);

    private static string? One(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static EquatableArray<string> All(JsonElement fields, string name) => fields.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static ObjectName? Name(JsonElement fields, string name) => One(fields, name)?.Split('/') is [var ns, var own] ? new(ns, own) : null;

    [GeneratedRegex(@"^[1-9][0-9]{0,7}[smh]\z")]
    private static partial Regex DurationPattern();

    [GeneratedRegex($"^{Names}\\z", RegexOptions.ExplicitCapture)]
    private static partial Regex NamePattern();
}
