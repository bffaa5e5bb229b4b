using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>The entries of rate limit descriptors: of each choice exactly one must be made.</summary>
internal static class RateLimitEntryView
{
    public static RateLimitEntry From(HttpDescriptorEntryModel model, string path, FieldReport report)
    {
        object?[] choices = [model.GenericKey, model.RemoteAddress, model.RequestHeader, model.HeaderValueMatch];
        if (choices.Count(choice => choice is not null) != 1)
        {
            report.Invalid(path, "An entry is of exactly one kind", "Give one of genericKey, remoteAddress, requestHeader, headerValueMatch");
        }

        return model switch
        {
            { RequestHeader: { } header } => RequestHeader(header, $"{path}.requestHeader", report),
            { HeaderValueMatch: { } match } => HeaderMatch(match, $"{path}.headerValueMatch", report),
            { RemoteAddress: not null } => new RemoteAddressEntry(),
            _ => GenericKey(model.GenericKey ?? new(), $"{path}.genericKey", report),
        };
    }

    private static GenericKeyEntry GenericKey(GenericKeyModel model, string path, FieldReport report)
    {
        report.Has($"{path}.value", model.Value, "Give the entry a value");
        return new(model.Key ?? "", model.Value ?? "");
    }

    private static RequestHeaderEntry RequestHeader(RequestHeaderModel model, string path, FieldReport report)
    {
        report.Has($"{path}.key", model.Key, "Give the entry a key");
        Name(model.Name, $"{path}.name", report);
        return new(model.Key ?? "", model.Name ?? "");
    }

    private static HeaderMatchEntry HeaderMatch(HeaderValueMatchModel model, string path, FieldReport report)
    {
        report.Has($"{path}.value", model.Value, "Give the entry a value");
        if (model.Headers is not { Count: > 0 })
        {
            report.Missing($"{path}.headers", "List at least one condition");
        }

        return new(model.Key ?? "", model.Value ?? "", model.ExpectMatch ?? true,
            (model.Headers ?? []).Select((header, i) => Condition(header, $"{path}.headers[{i}]", report)).ToEquatableArray());
    }

    private static HeaderCondition Condition(HeaderConditionModel model, string path, FieldReport report)
    {
        Name(model.Name, $"{path}.name", report);
        (HeaderConditionKind Kind, string? Value)[] choices =
        [
            (HeaderConditionKind.Exact, model.Exact), (HeaderConditionKind.Prefix, model.Prefix), (HeaderConditionKind.Suffix, model.Suffix),
            (HeaderConditionKind.Regex, model.Regex), (HeaderConditionKind.Contains, model.Contains),
            (HeaderConditionKind.Present, model.Present switch { true => "true", false => "false", null => null }),
        ];
        var made = choices.Where(choice => !string.IsNullOrEmpty(choice.Value)).ToArray();
        if (made.Length != 1)
        {
            report.Invalid(path, "A header has exactly one condition", "Give one of exact, prefix, suffix, regex, contains, present");
            return new(model.Name ?? "", HeaderConditionKind.Present, "true");
        }

        return new(model.Name ?? "", made[0].Kind, made[0].Value!);
    }

    private static void Name(string? name, string path, FieldReport report)
    {
        if (report.Has(path, name, "Name the header") && !HttpToken.Is(name.TrimStart(':')))
        {
            report.Invalid(path, $"{YamlScalar.Quote(name)} is no header name", "Use letters, digits and hyphens");
        }
    }
}
