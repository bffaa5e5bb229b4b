using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Yaml;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Writes kubeconfigs.</summary>
internal static class Kubeconfigs
{
    public static string Text(string name, Uri address, ServerCertificates certificates, JsonObject user, string @namespace) => YamlWriter.Write(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Config",
        ["clusters"] = new JsonArray(new JsonObject
        {
            ["name"] = name,
            ["cluster"] = new JsonObject { ["server"] = address.GetLeftPart(UriPartial.Authority), ["certificate-authority-data"] = Encoded(certificates.Authority.ExportCertificatePem()) },
        }),
        ["users"] = new JsonArray(new JsonObject { ["name"] = name, ["user"] = user }),
        ["contexts"] = new JsonArray(new JsonObject { ["name"] = name, ["context"] = new JsonObject { ["cluster"] = name, ["user"] = name, ["namespace"] = @namespace } }),
        ["current-context"] = name,
    });

    public static string Encoded(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
}
