using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Yaml;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Writes kubeconfigs.</summary>
internal static class Kubeconfigs
{
    private const string Name = "osm-test";

    public static string Text(Uri address, ServerCertificates certificates, JsonObject user, string @namespace) => YamlWriter.Write(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Config",
        ["clusters"] = new JsonArray(new JsonObject
        {
            ["name"] = Name,
            ["cluster"] = new JsonObject { ["server"] = address.GetLeftPart(UriPartial.Authority), ["certificate-authority-data"] = Encoded(certificates.Authority.ExportCertificatePem()) },
        }),
        ["users"] = new JsonArray(new JsonObject { ["name"] = Name, ["user"] = user }),
        ["contexts"] = new JsonArray(new JsonObject { ["name"] = Name, ["context"] = new JsonObject { ["cluster"] = Name, ["user"] = Name, ["namespace"] = @namespace } }),
        ["current-context"] = Name,
    });

    public static string Encoded(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
