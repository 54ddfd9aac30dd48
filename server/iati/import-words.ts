/** Words that a sheet of an imported activity needs around it. Other languages get the English ones, and a warning. */
export interface ImportWords {
  readonly fields: {
    readonly title: string;
    readonly general: string;
    readonly objectives: string;
    readonly 'target-groups': string;
    readonly other: string;
    readonly partners: string;
    readonly amount: string;
    readonly period: string;
    readonly status: string;
    readonly places: string;
    readonly sectors: string;
    readonly id: string;
  };
  readonly roles: Readonly<Record<string, string>>;
  readonly statuses: Readonly<Record<string, string>>;
  readonly source: string;
}

export const IMPORT_WORDS: { readonly en: ImportWords } & Readonly<Record<string, ImportWords>> = {
  en: {
    fields: {
      title: 'Title',
      general: 'Description',
      objectives: 'Objectives',
      'target-groups': 'Target groups',
      other: 'More about it',
      partners: 'Partners',
      amount: 'Amount',
      period: 'Timetable',
      status: 'Status',
      places: 'Countries and regions',
      sectors: 'Sectors',
      id: 'IATI identifier',
    },
    roles: { '1': 'funds', '2': 'answers for it', '3': 'passes funds on', '4': 'carries it out' },
    statuses: {
      '1': 'Being prepared',
      '2': 'Under way',
      '3': 'Being completed',
      '4': 'Closed',
      '5': 'Cancelled',
      '6': 'Suspended',
    },
    source: 'IATI activity',
  },
  fr: {
    fields: {
      title: 'Titre',
      general: 'Description',
      objectives: 'Objectifs',
      'target-groups': 'Publics visés',
      other: 'Autres informations',
      partners: 'Partenaires',
      amount: 'Montant',
      period: 'Calendrier',
      status: 'État',
      places: 'Pays et régions',
      sectors: 'Secteurs',
      id: 'Identifiant IITA',
    },
    roles: { '1': 'finance', '2': 'en répond', '3': 'transmet les fonds', '4': 'met en œuvre' },
    statuses: {
      '1': 'En préparation',
      '2': 'En cours',
      '3': 'En achèvement',
      '4': 'Clos',
      '5': 'Annulé',
      '6': 'Suspendu',
    },
    source: 'Activité IITA',
  },
};
