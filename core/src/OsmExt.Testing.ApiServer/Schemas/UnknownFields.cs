using OsmExt.Testing.ApiServer.Serving;

namespace OsmExt.Testing.ApiServer.Schemas;

/// <summary>What happens about fields that nobody knows: <c>fieldValidation</c> of the request says so.</summary>
internal static class UnknownFields
{
    /// <exception cref="Refusal">There are some, and the writer wants to be refused for them.</exception>
    public static void Report(WriteRequest write, IReadOnlyList<string> unknown)
    {
        var texts = unknown.Select(field => $"unknown field \"{field}\"").ToArray();
        switch (write.FieldValidation)
        {
            case "Strict" when texts.Length > 0:
                throw Refusal.BadRequest($"{write.Kind.Kind} in version \"{write.Kind.Version}\" cannot be handled as a {write.Kind.Kind}: strict decoding error: {string.Join(", ", texts)}");
            case "Warn":
                write.Warnings.AddRange(texts);
                break;
        }
    }
}
